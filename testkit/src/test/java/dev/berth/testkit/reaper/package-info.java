/** The reaper, on fake engines. */
@NullMarked
package dev.berth.testkit.reaper;

import org.jspecify.annotations.NullMarked;
