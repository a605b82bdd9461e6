/** Claims on resources that must be unique, and the ledger that grants them. */
@NullMarked
package dev.berth.ledger;

import org.jspecify.annotations.NullMarked;
