package dev.berth.proxmox;

import java.io.ByteArrayOutputStream;

/** Base 32 (RFC 4648 6) in lower case and without padding: what survives as a tag. */
final class Base32 {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int BITS = 5;
    private static final int MASK = 31;

    private Base32() {}

    static String text(byte[] bytes) {
        var text = new StringBuilder();
        int held = 0;
        int bits = 0;
        for (byte one : bytes) {
            held = (held << 8) | (one & 0xff);
            bits += 8;
            while (bits >= BITS) {
                bits -= BITS;
                text.append(DIGITS.charAt((held >> bits) & MASK));
            }
            held &= (1 << bits) - 1;
        }
        if (bits > 0) {
            text.append(DIGITS.charAt((held << (BITS - bits)) & MASK));
        }
        return text.toString();
    }

    /** The bytes of a text, none if it has other digits. */
    static byte[] bytes(String text) {
        var bytes = new ByteArrayOutputStream();
        int held = 0;
        int bits = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = DIGITS.indexOf(text.charAt(i));
            if (digit < 0) {
                return new byte[0];
            }
            held = (held << BITS) | digit;
            bits += BITS;
            if (bits >= 8) {
                bits -= 8;
                bytes.write((held >> bits) & 0xff);
                held &= (1 << bits) - 1;
            }
        }
        return bytes.toByteArray();
    }
}
