/** Browser desktops: a container, a port and a proxy path for each user and type of desktop. */
@NullMarked
package dev.berth.examples.desktops;

import org.jspecify.annotations.NullMarked;
