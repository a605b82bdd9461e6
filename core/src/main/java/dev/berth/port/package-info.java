/** Pools of ports, and the probes that look before a port is handed out. */
@NullMarked
package dev.berth.port;

import org.jspecify.annotations.NullMarked;
