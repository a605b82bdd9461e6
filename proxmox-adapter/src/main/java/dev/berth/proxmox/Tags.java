package dev.berth.proxmox;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Mark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Marks and labels of a guest as tags: what a guest has that is set in the request which makes it, and that a listing of
 * the whole cluster shows, those of nodes that are off included. One tag is {@code berth-} and the nonce, for people; the
 * other, {@code berth.} and base 32, has all the rest. It is bound to guest id and nonce by a checksum, so that a guest
 * which was cloned or restored under another id is not taken for ours: whoever made it looks after it.
 *
 * <p>Proxmox VE folds tags to lower case and sorts them, and hands out those of all guests of a cluster in one message of at
 * most 1 MiB (pve-cluster, {@code IPCC.xs}), so they are kept short.
 */
final class Tags {
    /** Made by us and never started: Proxmox VE itself knows only "stopped". */
    static final String NEW = "berth.new";

    /**
     * About to be removed by us; written with the config's digest, so that nobody has changed the guest since it was seen. With
     * what {@link Asked} has behind it where it is about to be destroyed, and not only stopped.
     */
    static final String GOING = "berth.going";

    /** As many characters as a guest's tags may have. */
    static final int LONGEST = 2_048;

    private static final String NONCE = "berth-";
    private static final String BODY = "berth.";
    private static final Pattern TAG = Pattern.compile("[a-z0-9_][a-z0-9_+.-]*");
    private static final Pattern SEPARATORS = Pattern.compile("[;,\\s]+");
    private static final int VERSION = 1;
    private static final int MOST_INFLATED = 1 << 16;
    /** Part of the format of this version: what claims of guests usually say. */
    private static final byte[] COMMON = ("dev.berth.held,-,proxy-path,container-name,udp-port,name,host,-,dns-name,"
                    + "ports,port,-,tcp-port,;guest,-,guest-id,")
            .getBytes(StandardCharsets.US_ASCII);

    private Tags() {}

    /** What a guest's tags say of us. */
    record Said(Optional<Mark> mark, Map<String, String> labels) {
        private static final Said NOTHING = new Said(Optional.empty(), Map.of());
    }

    static List<String> split(String tags) {
        return SEPARATORS
                .splitAsStream(tags)
                .filter(tag -> !tag.isEmpty())
                .distinct()
                .toList();
    }

    static String join(Collection<String> tags) {
        return String.join(";", new TreeSet<>(tags));
    }

    static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    /** Whether a tag is one that only we write. */
    static boolean isOurs(String tag) {
        return tag.startsWith(NONCE) || tag.startsWith(BODY);
    }

    // ------------------------------------------------------------------ writing

    /** The tags of a guest that is about to be made. */
    static List<String> of(int guest, Mark mark, Map<String, String> labels) {
        if (!isTag(NONCE + mark.nonce())) {
            throw Trouble.rejected("the nonce " + mark.nonce() + " cannot be a tag: " + TAG + " can");
        }
        var all = new TreeMap<>(labels);
        mark.labels().keySet().forEach(all::remove);
        String body = BODY + Base32.text(written(guest, mark, all));
        if (body.length() > LONGEST) {
            throw Trouble.rejected("the labels take " + body.length() + " characters as a tag, and " + LONGEST
                    + " are allowed; give the guest fewer or shorter ones");
        }
        List<String> tags = List.of(NONCE + mark.nonce(), body, NEW);
        // What could not be read again would be nobody's.
        if (!read(guest, tags).mark().equals(Optional.of(mark))) {
            throw Trouble.rejected("the labels are longer than the " + MOST_INFLATED
                    + " bytes that are read; give the guest fewer or shorter ones");
        }
        return tags;
    }

    private static byte[] written(int guest, Mark mark, Map<String, String> labels) {
        byte[] packed = packed(mark, labels);
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(checksum(guest, mark.nonce(), packed));
            out.write(packed);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] packed(Mark mark, Map<String, String> labels) {
        var bytes = new ByteArrayOutputStream();
        var texts = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes);
                var text = new DataOutputStream(texts)) {
            write(out, mark.ledger());
            write(out, mark.claim());
            text.writeUTF(mark.owner().tenant());
            text.writeUTF(mark.owner().name());
            for (var label : labels.entrySet()) {
                text.writeUTF(label.getKey());
                text.writeUTF(label.getValue());
            }
            text.flush();
            out.write(deflated(texts.toByteArray()));
        } catch (IOException tooLong) {
            throw Trouble.rejected("a label is longer than 65,535 bytes; give the guest a shorter one");
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    private static byte[] deflated(byte[] plain) {
        var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setDictionary(COMMON);
            deflater.setInput(plain);
            deflater.finish();
            var out = new ByteArrayOutputStream();
            byte[] buffer = new byte[512];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static int checksum(int guest, String nonce, byte[] packed) {
        var sum = new CRC32();
        sum.update((guest + "/" + nonce + "/").getBytes(StandardCharsets.UTF_8));
        sum.update(packed);
        return (int) sum.getValue();
    }

    // ------------------------------------------------------------------ reading

    /** What tags say about the guest that has them; what is not whole, or was made for another guest, says nothing. */
    static Said read(int guest, Collection<String> tags) {
        for (String body : tags) {
            if (!body.startsWith(BODY) || body.equals(NEW) || body.startsWith(GOING)) {
                continue;
            }
            for (String tag : tags) {
                if (tag.startsWith(NONCE)) {
                    Optional<Said> said = read(
                            guest,
                            tag.substring(NONCE.length()),
                            Base32.bytes(body.substring(BODY.length()).toLowerCase(java.util.Locale.ROOT)));
                    if (said.isPresent()) {
                        return said.get();
                    }
                }
            }
        }
        return Said.NOTHING;
    }

    private static Optional<Said> read(int guest, String nonce, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readUnsignedByte() != VERSION) {
                return Optional.empty();
            }
            int sum = in.readInt();
            byte[] packed = in.readAllBytes();
            if (sum != checksum(guest, nonce, packed)) {
                return Optional.empty();
            }
            return Optional.of(unpacked(nonce, packed));
        } catch (IOException | DataFormatException | dev.berth.InvalidInputException mangled) {
            return Optional.empty();
        }
    }

    private static Said unpacked(String nonce, byte[] packed) throws IOException, DataFormatException {
        try (var in = new DataInputStream(new ByteArrayInputStream(packed))) {
            var ledger = new UUID(in.readLong(), in.readLong());
            var claim = new UUID(in.readLong(), in.readLong());
            try (var text = new DataInputStream(new ByteArrayInputStream(inflated(in.readAllBytes())))) {
                var mark = new Mark(ledger, claim, nonce, Owner.of(text.readUTF(), text.readUTF()));
                Map<String, String> labels = new TreeMap<>();
                while (text.available() > 0) {
                    labels.put(text.readUTF(), text.readUTF());
                }
                labels.putAll(mark.labels());
                return new Said(Optional.of(mark), labels);
            }
        }
    }

    private static byte[] inflated(byte[] deflated) throws DataFormatException {
        var inflater = new Inflater(true);
        try {
            inflater.setDictionary(COMMON);
            inflater.setInput(deflated);
            var out = new ByteArrayOutputStream();
            byte[] buffer = new byte[512];
            while (!inflater.finished()) {
                int read = inflater.inflate(buffer);
                if (read == 0 || out.size() > MOST_INFLATED) {
                    throw new DataFormatException("cut short, or too long");
                }
                out.write(buffer, 0, read);
            }
            return out.toByteArray();
        } finally {
            inflater.end();
        }
    }

    /** The same tags without those that tell where a guest stands. */
    static List<String> without(Collection<String> tags, String gone) {
        var left = new ArrayList<>(tags);
        left.remove(gone);
        return List.copyOf(left);
    }

    // ------------------------------------------------------------------ about to be removed

    /**
     * That a guest is about to be asked to be destroyed, kept on the guest itself: whoever comes later, in whatever process,
     * knows that it may have been.
     *
     * @param at when, by the clock of who asks
     * @param task when the last task was begun before that which was to destroy it, in seconds by its node's clock; 0 for none
     */
    record Asked(Instant at, long task) {
        private static final Pattern FORM =
                Pattern.compile(Pattern.quote(GOING) + "-([0-9a-f]{1,15})-([0-9a-f]{1,15})");

        String tag() {
            return GOING + "-" + Long.toHexString(Math.max(at.toEpochMilli(), 0)) + "-" + Long.toHexString(task);
        }
    }

    /** When a guest with these tags was last about to be asked to be destroyed; empty if it was not. */
    static Optional<Asked> asked(Collection<String> tags) {
        return tags.stream()
                .map(Asked.FORM::matcher)
                .filter(Matcher::matches)
                .map(parts -> new Asked(
                        Instant.ofEpochMilli(Long.parseLong(parts.group(1), 16)), Long.parseLong(parts.group(2), 16)))
                .max(Comparator.comparing(Asked::at));
    }

    /** The same tags with another word on that, or without one. */
    static List<String> going(Collection<String> tags, Optional<String> going) {
        var all = new ArrayList<String>();
        tags.stream().filter(tag -> !tag.startsWith(GOING)).forEach(all::add);
        going.ifPresent(all::add);
        return List.copyOf(all);
    }
}
