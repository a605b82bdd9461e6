package dev.berth.ledger;

import java.time.Instant;
import java.util.Optional;

/**
 * A named compare-and-set record: a lease, a mark, a breaker, a guard, a fingerprint.
 *
 * @param name its name
 * @param version its version, from 1; never used twice under one name, so that it serves as a fencing token
 * @param value its value
 * @param until when it runs out, empty for never
 */
public record LedgerRecord(String name, long version, String value, Optional<Instant> until) {}
