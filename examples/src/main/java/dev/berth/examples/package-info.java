/** Small programs that show Berth at work. */
@NullMarked
package dev.berth.examples;

import org.jspecify.annotations.NullMarked;
