package dev.berth.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values as bytes: each with its kind and its length, so that no two rows have the same bytes. */
final class RowCodec {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private RowCodec() {}

    static byte[] encode(@Nullable Object... values) {
        var out = new Bytes(32 * values.length + Integer.BYTES);
        out.add(values.length);
        for (Object value : values) {
            write(out, value);
        }
        return out.all();
    }

    private static void write(Bytes out, @Nullable Object value) {
        if (value == null) {
            out.add('N');
        } else if (value instanceof Long number) {
            out.add('I');
            out.add((long) number);
        } else if (value instanceof String text) {
            text(out, 'S', text);
        } else if (value instanceof Boolean flag) {
            out.add(flag ? '1' : '0');
        } else if (value instanceof Double number) {
            out.add('F');
            out.add(Double.doubleToLongBits(number));
        } else if (value instanceof BigDecimal number) {
            text(out, 'D', number.toPlainString());
        } else if (value instanceof Instant time) {
            out.add('T');
            out.add(time.getEpochSecond());
            out.add(time.getNano());
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

    private static void text(Bytes out, char kind, String text) {
        bytes(out, kind, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(Bytes out, char kind, byte[] bytes) {
        out.add(kind);
        out.add(bytes.length);
        out.add(bytes);
    }

    /** Bytes that become more, the highest of a number first. */
    private static final class Bytes {
        private byte[] bytes;
        private int count;

        Bytes(int room) {
            bytes = new byte[room];
        }

        private void need(int more) {
            if (count + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, count + more));
            }
        }

        void add(char kind) {
            need(1);
            bytes[count++] = (byte) kind;
        }

        void add(int number) {
            need(Integer.BYTES);
            INT.set(bytes, count, number);
            count += Integer.BYTES;
        }

        void add(long number) {
            need(Long.BYTES);
            LONG.set(bytes, count, number);
            count += Long.BYTES;
        }

        void add(byte[] more) {
            need(more.length);
            System.arraycopy(more, 0, bytes, count, more.length);
            count += more.length;
        }

        byte[] all() {
            return Arrays.copyOf(bytes, count);
        }
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
