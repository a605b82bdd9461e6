package dev.berth.ledger;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Makes claim ids and nonces. Safe for use by many threads if its random generator is. */
final class Ids {
    private final Clock clock;
    private final RandomGenerator random;

    Ids(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * An id of 48 bits of time and 74 random bits (RFC 9562, version 7): rows of one time lie together in a store's
     * index, and no id is made twice.
     */
    UUID claim() {
        // One call: a SecureRandom has a lock and some work for each, and makes a long of two.
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        var bits = ByteBuffer.wrap(bytes);
        long most = clock.millis() << 16 | 0x7000L | (bits.getLong() & 0x0fffL);
        long least = (bits.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(most, least);
    }

    /** A nonce of 128 random bits, usable as a label or a tag anywhere: 32 hexadecimal digits. */
    String nonce() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
