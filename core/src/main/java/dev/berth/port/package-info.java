/**
 * Ports: pools of them, one or several roles in step, handed out so that no number is held twice and none is handed out
 * that the world outside is seen to use. {@link dev.berth.port.PortAllocator} is the way in.
 */
@NullMarked
package dev.berth.port;

import org.jspecify.annotations.NullMarked;
