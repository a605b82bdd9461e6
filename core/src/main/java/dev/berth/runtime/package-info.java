/** From a claim to a running thing: what runtimes are asked, and the road that provisions, stops and removes. */
@NullMarked
package dev.berth.runtime;

import org.jspecify.annotations.NullMarked;
