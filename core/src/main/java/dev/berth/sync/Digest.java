package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 128 bits that stand for a key or a content. Of two equal versions the greater digest wins, everywhere alike.
 *
 * @param high the first 8 bytes
 * @param low the last 8 bytes
 */
public record Digest(long high, long low) implements Comparable<Digest> {
    /** Never written to; a copy of it costs a tenth of asking for a new one. */
    private static final MessageDigest MD5 = md5();

    /** How many bytes a digest has. */
    public static final int BYTES = 16;

    /**
     * Computes the digest of some bytes: MD5, which every database can compute too. It guards against accidents; against
     * forgers it need not, who could write the rows themselves.
     *
     * @param content the bytes
     * @return their digest
     */
    public static Digest of(byte[] content) {
        return from(copy().digest(InvalidInputException.requireNonNull("content", content)));
    }

    private static MessageDigest copy() {
        try {
            return (MessageDigest) MD5.clone();
        } catch (CloneNotSupportedException notThisProvider) {
            return md5();
        }
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has MD5", impossible);
        }
    }

    /**
     * Reads a digest from its bytes.
     *
     * @param bytes 16 bytes
     * @return the digest
     * @throws InvalidInputException if there are not 16
     */
    public static Digest from(byte[] bytes) {
        if (InvalidInputException.requireNonNull("digest", bytes).length != BYTES) {
            throw InvalidInputException.of("digest", bytes.length, BYTES + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Digest(buffer.getLong(), buffer.getLong());
    }

    /**
     * Gives the bytes.
     *
     * @return 16 bytes
     */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    @Override
    public int compareTo(Digest other) {
        int first = Long.compareUnsigned(high, other.high);
        return first != 0 ? first : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
