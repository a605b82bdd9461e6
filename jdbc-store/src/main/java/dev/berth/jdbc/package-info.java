/** Stores that keep claims in a relational database. */
@NullMarked
package dev.berth.jdbc;

import org.jspecify.annotations.NullMarked;
