/**
 * Judges a history of what callers asked of a ledger and were told, by what they were told alone. A history is read from
 * files; all else here is pure functions of it.
 */
@NullMarked
package dev.berth.torture.check;

import org.jspecify.annotations.NullMarked;
