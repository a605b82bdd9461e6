/**
 * The ledger: who holds what must be unique. {@link dev.berth.ledger.ResourceLedger} is the way in;
 * {@link dev.berth.ledger.LedgerStore} is what a store implements.
 */
@NullMarked
package dev.berth.ledger;

import org.jspecify.annotations.NullMarked;
