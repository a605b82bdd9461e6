package dev.berth.sync;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values as bytes: each with its kind and its length, so that no two rows have the same bytes. */
final class RowCodec {
    private RowCodec() {}

    static byte[] encode(@Nullable Object... values) {
        var bytes = new ByteArrayOutputStream(32 * values.length);
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(values.length);
            for (Object value : values) {
                write(out, value);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, @Nullable Object value) throws IOException {
        if (value == null) {
            out.writeByte('N');
        } else if (value instanceof Long number) {
            out.writeByte('I');
            out.writeLong(number);
        } else if (value instanceof String text) {
            text(out, 'S', text);
        } else if (value instanceof Boolean flag) {
            out.writeByte(flag ? '1' : '0');
        } else if (value instanceof Double number) {
            out.writeByte('F');
            out.writeDouble(number);
        } else if (value instanceof BigDecimal number) {
            text(out, 'D', number.toPlainString());
        } else if (value instanceof Instant time) {
            out.writeByte('T');
            out.writeLong(time.getEpochSecond());
            out.writeInt(time.getNano());
        } else if (value instanceof byte[] content) {
            bytes(out, 'X', content);
        } else if (value instanceof LocalDate day) {
            text(out, 'd', day.toString());
        } else if (value instanceof LocalTime time) {
            text(out, 't', time.toString());
        } else if (value instanceof UUID id) {
            text(out, 'U', id.toString());
        } else {
            throw new IllegalArgumentException("a store gave a value of " + value.getClass());
        }
    }

    private static void text(DataOutputStream out, char kind, String text) throws IOException {
        bytes(out, kind, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(DataOutputStream out, char kind, byte[] bytes) throws IOException {
        out.writeByte(kind);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static @Nullable Object[] decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return decode(in);
        } catch (IOException damaged) {
            throw new UncheckedIOException("a note of Berth's cannot be read", damaged);
        }
    }

    private static @Nullable Object[] decode(DataInputStream in) throws IOException {
        @Nullable Object[] values = new @Nullable Object[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            char kind = (char) in.readByte();
            values[i] = switch (kind) {
                case 'N' -> null;
                case 'I' -> in.readLong();
                case '1' -> true;
                case '0' -> false;
                case 'F' -> in.readDouble();
                case 'T' -> Instant.ofEpochSecond(in.readLong(), in.readInt());
                case 'X' -> in.readNBytes(in.readInt());
                default -> parse(kind, new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
            };
        }
        return values;
    }

    private static Object parse(char kind, String text) throws IOException {
        return switch (kind) {
            case 'S' -> text;
            case 'D' -> new BigDecimal(text);
            case 'd' -> LocalDate.parse(text);
            case 't' -> LocalTime.parse(text);
            case 'U' -> UUID.fromString(text);
            default -> throw new IOException("unknown kind " + kind);
        };
    }

    static Digest digest(@Nullable Object... values) {
        return Digest.of(encode(values));
    }
}
