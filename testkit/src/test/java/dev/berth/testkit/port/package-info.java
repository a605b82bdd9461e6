/** The laws of the port allocator, on a ledger in memory and with probes that see what they are told. */
@NullMarked
package dev.berth.testkit.port;

import org.jspecify.annotations.NullMarked;
