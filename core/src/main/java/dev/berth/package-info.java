/** What all of Berth shares: the base of its exceptions. */
@NullMarked
package dev.berth;

import org.jspecify.annotations.NullMarked;
