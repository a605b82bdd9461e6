/** What Berth costs, beside what it replaces. */
@NullMarked
package dev.berth.benchmarks;

import org.jspecify.annotations.NullMarked;
