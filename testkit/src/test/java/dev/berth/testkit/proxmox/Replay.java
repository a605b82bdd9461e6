package dev.berth.testkit.proxmox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** Asks a fake cluster what was asked of the real one, with its own secrets, tickets and task ids in their places. */
final class Replay {
    /** A hundredth of the real ones. */
    static final AnswerDelays DELAYS =
            new AnswerDelays(Duration.ofMillis(30), Duration.ofMillis(30), Duration.ofMillis(300));

    private final Map<String, Recording> recordings;
    private final Map<String, List<String>> differences;
    private final FakeProxmox lab;
    private final RawClient wire;

    /** What the real cluster made up, and what the fake one made up instead. */
    private final Map<String, String> twins = new LinkedHashMap<>();

    Replay(Map<String, Recording> recordings, Map<String, List<String>> differences, FakeProxmox lab) {
        this.recordings = recordings;
        this.differences = differences;
        this.lab = lab;
        this.wire = RawClient.of(lab, "");
    }

    /** Replays the recordings whose names begin so, in their order, at one node. */
    void at(String node, String... beginnings) {
        for (String beginning : beginnings) {
            List<Recording> meant = recordings.values().stream()
                    .filter(recording -> recording.name().startsWith(beginning + "-"))
                    .toList();
            if (meant.isEmpty()) {
                throw new IllegalArgumentException("no recording " + beginning);
            }
            for (Recording recording : meant) {
                long start = System.nanoTime();
                RawClient.Raw answer = ask(node, recording);
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                note(recording, answer);
                noteDelay(recording, took);
            }
        }
    }

    /** Replays recordings by numbers from one to another. */
    void range(String node, int first, int last) {
        for (int number = first; number <= last; number++) {
            at(node, String.format("%03d", number));
        }
    }

    /** Replays creations of one id at once, again and again until the same one wins as did then. */
    void race(String node, int id, String... names) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(names.length);
        try {
            for (int round = 0; ; round++) {
                lab.nextCreationsCollide(names.length);
                Map<Recording, Future<RawClient.Raw>> answers = new LinkedHashMap<>();
                for (String name : names) {
                    Recording recording = recordings.values().stream()
                            .filter(one -> one.name().startsWith(name + "-"))
                            .findFirst()
                            .orElseThrow();
                    answers.put(recording, threads.submit(() -> ask(node, recording)));
                }
                boolean same = true;
                for (var answer : answers.entrySet()) {
                    same &= answer.getKey().answer().status()
                            == answer.getValue().get().status();
                }
                if (same || round == 200) {
                    for (var answer : answers.entrySet()) {
                        note(answer.getKey(), answer.getValue().get());
                    }
                    return;
                }
                lab.guest(id).vanishes();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Where the real one made clients wait, the fake one does so too, a hundredth as long. */
    private void noteDelay(Recording recording, Duration took) {
        boolean timeout = recording.delay().compareTo(DELAYS.timeout().multipliedBy(99)) > 0;
        boolean refusal = recording.delay().compareTo(DELAYS.refusal().multipliedBy(99)) > 0;
        Duration least = timeout ? DELAYS.timeout() : refusal ? DELAYS.refusal() : Duration.ZERO;
        if (took.compareTo(least) < 0) {
            List<String> all = new ArrayList<>(differences.getOrDefault(recording.name(), List.of()));
            all.add("delay: recorded " + recording.delay() + ", answered after " + took);
            differences.put(recording.name(), all);
        }
    }

    private void note(Recording recording, RawClient.Raw answer) {
        try {
            differences.put(recording.name(), Comparer.differences(recording.answer(), answer));
            if (recording.answer().status() == 200
                    && answer.status() == 200
                    && !recording.answer().all("Content-Encoding").contains("gzip")) {
                learn(recording.answer().data(), answer.data());
            }
        } catch (IOException broken) {
            throw new IllegalStateException(recording.name(), broken);
        }
    }

    private void learn(JsonNode recorded, JsonNode answered) {
        if (recorded.isString() && recorded.asString().startsWith("UPID:")) {
            twin(recorded.asString(), answered.asString());
        }
        for (String secret : List.of("ticket", "CSRFPreventionToken")) {
            if (recorded.has(secret) && answered.has(secret)) {
                twin(recorded.get(secret).asString(), answered.get(secret).asString());
            }
        }
    }

    private void twin(String recorded, String answered) {
        twins.put(recorded, answered);
        twins.put(encoded(recorded), encoded(answered));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String own(String text) {
        String own = text;
        for (var twin : twins.entrySet()) {
            own = own.replace(twin.getKey(), twin.getValue());
        }
        return own;
    }

    private RawClient.Raw ask(String node, Recording recording) {
        Map<String, String> headers = new LinkedHashMap<>();
        recording.headers().forEach((key, value) -> headers.put(key, own(value)));
        headers.computeIfPresent("Authorization", (key, value) -> secret(recording, value));
        headers.computeIfPresent("Cookie", (key, value) -> cookie(recording, value));
        String body = own(new String(recording.body().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        headers.computeIfPresent("Content-Length", (key, value) -> Integer.toString(bytes.length));
        try {
            if (recording.answer().status() == 301) {
                return plainly(recording);
            }
            return wire.send(lab.node(node), recording.method(), own(recording.target()), headers, bytes);
        } catch (IOException broken) {
            throw new IllegalStateException(recording.name(), broken);
        }
    }

    private RawClient.Raw plainly(Recording recording) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), lab.uris().get(0).getPort())) {
            return RawClient.send(socket, recording.method(), recording.target(), Map.of(), new byte[0]);
        }
    }

    /** Recorded secrets are masked. The right one is put there, but where a wrong one was sent. */
    private String secret(Recording recording, String value) {
        if (recording.name().startsWith("002") || !value.contains("<secret>")) {
            return value.replace("<secret>", "00000000-0000-0000-0000-000000000000");
        }
        String name = value.substring(value.indexOf('=') + 1, value.lastIndexOf('='));
        Caller caller = Caller.of(name);
        List<String> separated = List.of("ghost@pve!sep");
        List<String> unknown = List.of("ghost@pve!nope");
        if (caller.token().isEmpty() || unknown.contains(name)) {
            return value.replace("<secret>", "none");
        }
        FakeUser user = lab.user(caller.user());
        FakeToken token = separated.contains(name) ? user.separatedToken(caller.token()) : user.token(caller.token());
        return value.replace("<secret>", token.secret());
    }

    /** Tickets that were got outside of the recordings. */
    private String cookie(Recording recording, String value) {
        if (twins.values().stream().anyMatch(value::contains)
                || recording.name().startsWith("017")) {
            return value;
        }
        return "PVEAuthCookie=" + tickets.get(0);
    }

    private final List<String> tickets = new ArrayList<>();

    /** Signs in beside the recordings. */
    void signIn(String node, String user, String password) throws IOException {
        byte[] form = ("username=" + encoded(user) + "&password=" + encoded(password)).getBytes(StandardCharsets.UTF_8);
        tickets.add(
                0,
                wire.send(
                                lab.node(node),
                                "POST",
                                "/api2/json/access/ticket",
                                Map.of(
                                        "Content-Type",
                                        "application/x-www-form-urlencoded",
                                        "Content-Length",
                                        Integer.toString(form.length)),
                                form)
                        .data()
                        .get("ticket")
                        .asString());
    }
}
