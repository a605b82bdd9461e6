/**
 * Upsert sync of tables between two databases: rows are the same when their natural key is the same, every row gets
 * exactly one outcome, and no row is deleted to make room for another.
 */
@NullMarked
package dev.berth.sync;

import org.jspecify.annotations.NullMarked;
