/** Previews of apps: a dev server in a container for each, on a port of 32100 to 32200. */
@NullMarked
package dev.berth.examples.previews;

import org.jspecify.annotations.NullMarked;
