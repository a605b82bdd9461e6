/** Fake engines and their clients, and what in {@code dev.berth.runtime} needs them to be tested. */
@NullMarked
package dev.berth.testkit.runtime;

import org.jspecify.annotations.NullMarked;
