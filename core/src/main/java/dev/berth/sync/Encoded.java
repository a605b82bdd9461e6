package dev.berth.sync;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values as bytes, equal where their bytes are. */
final class Encoded {
    private final byte[] bytes;

    private Encoded(byte[] bytes) {
        this.bytes = bytes;
    }

    static Encoded of(byte[] bytes) {
        return new Encoded(bytes);
    }

    byte[] bytes() {
        return bytes;
    }

    @Nullable
    Object[] values() {
        return RowCodec.decode(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoded encoded && Arrays.equals(bytes, encoded.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
