/** Tests of the ledger that need the testkit. */
@NullMarked
package dev.berth.testkit.ledger;

import org.jspecify.annotations.NullMarked;
