package dev.berth.sync;

import java.math.BigInteger;

/**
 * What some rows come to: how many they are, and the sum of their digests. A sum, not an exclusive or, since equal changes
 * of two rows would cancel out in that.
 *
 * @param bucket which rows: those whose key's digest begins with these bits
 * @param count how many
 * @param sum of the first 60 bits of the digest of each
 */
public record RowSum(int bucket, long count, BigInteger sum) {}
