/** The adapter for Docker Engine and Podman: inventory, start, stop and removal of containers. */
@NullMarked
package dev.berth.docker;

import org.jspecify.annotations.NullMarked;
