package dev.berth.name;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * SHA-256 over texts and numbers, each framed by its length, so that no two different sequences are the same bytes.
 * What goes in here decides what things are called: a change renames everything that was ever generated.
 */
final class Digest {

    private final MessageDigest sha256;

    Digest(String purpose) {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256 (java.security.MessageDigest)", e);
        }
        add(purpose);
    }

    Digest add(int number) {
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
        return this;
    }

    Digest add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        sha256.update(bytes);
        return this;
    }

    Digest add(List<String> texts) {
        add(texts.size());
        texts.forEach(this::add);
        return this;
    }

    byte[] bytes() {
        return sha256.digest();
    }
}
