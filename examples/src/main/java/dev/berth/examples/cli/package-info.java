/** What the example applications have in common: tables, settings, and telling which engine and database they use. */
@NullMarked
package dev.berth.examples.cli;

import org.jspecify.annotations.NullMarked;
