package dev.berth.proxmox;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.berth.ledger.Scope;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A real server or cluster, named by the environment; tests are skipped, and say so, where it names none. All guests that
 * tests make there have ids of one range, and a tag that each of these objects has of its own: only what has both is removed,
 * so that runs, and classes of one run, may be at it at once.
 */
final class Server implements Target {
    private static final String PREFIX = "BERTH_TEST_PROXMOX_";
    /** Classes that make guests there take turns, for the server's sake. */
    static final String LOCK = "a real Proxmox VE";

    private final String tag = "test-of-berth-" + UUID.randomUUID().toString().substring(0, 8);
    /** Where in the range it begins: two runs at once seldom want one id. */
    private static final AtomicInteger OFFSET =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1_000_000));

    private final Map<String, String> environment;
    private final List<URI> uris;
    private final String token;
    private final String[] prints;
    private final String node;
    private final String template;
    private final String storage;
    private final int first;
    private final int last;
    private final Api api;
    private final List<ProxmoxRuntime> clients = new ArrayList<>();
    /** Those that a test has protected. */
    private final Set<Integer> guarded = ConcurrentHashMap.newKeySet();
    /** The numbers that tests were given. */
    private final Set<Integer> handedOut = ConcurrentHashMap.newKeySet();

    private final ProxmoxRuntime runtime;

    Server() {
        this(System.getenv());
    }

    /** As if the environment was this. */
    Server(Map<String, String> environment) {
        this.environment = environment;
        uris = Arrays.stream(needed("URL").split(",", -1)).map(URI::create).toList();
        token = needed("TOKEN");
        prints = needed("FINGERPRINT").split(",", -1);
        node = needed("NODE");
        template = needed("TEMPLATE");
        storage = said("STORAGE", "local-lvm");
        String[] range = said("IDS", "990000-990999").split("-", -1);
        first = Integer.parseInt(range[0]);
        last = Integer.parseInt(range[1]);
        api = new Api(
                uris,
                credentials(),
                Trust.fingerprints(prints),
                Duration.ofSeconds(10),
                Duration.ofSeconds(45),
                Clock.systemUTC());
        runtime = another();
    }

    private String needed(String name) {
        String said = environment.get(PREFIX + name);
        if (said == null || said.isBlank()) {
            abort("skipped: no real Proxmox VE; " + PREFIX + name + " is not set (docs/guides/proxmox.md)");
        }
        return said == null ? "" : said.strip();
    }

    private String said(String name, String otherwise) {
        String said = environment.get(PREFIX + name);
        return said == null || said.isBlank() ? otherwise : said.strip();
    }

    private Credentials credentials() {
        int sign = token.indexOf('=');
        return Credentials.token(
                token.substring(0, sign), token.substring(sign + 1).toCharArray());
    }

    @Override
    public ProxmoxRuntime runtime() {
        return runtime;
    }

    @Override
    public ProxmoxRuntime another() {
        ProxmoxRuntime client = ProxmoxRuntime.at(Scope.of("server"), uris.toArray(new URI[0]))
                .credentials(credentials())
                .trust(Trust.fingerprints(prints))
                .stopsWithin(Duration.ZERO)
                .open();
        clients.add(client);
        return client;
    }

    @Override
    public GuestSpec spec() {
        return spec(GuestType.LXC);
    }

    GuestSpec spec(GuestType type) {
        if (type == GuestType.QEMU) {
            return GuestSpec.machine(node).with("memory", "64").tag(tag);
        }
        return GuestSpec.container(node, template)
                .with("rootfs", storage + ":1")
                .with("memory", "64")
                .with("unprivileged", "1")
                .tag(tag);
    }

    @Override
    public GuestSpec rejected() {
        return rejected(GuestType.LXC);
    }

    GuestSpec rejected(GuestType type) {
        if (type == GuestType.QEMU) {
            return spec(type).with("nosuch", "1");
        }
        return GuestSpec.container(node, template.replaceAll("/.*", "/there-is-none.tar.zst"))
                .with("rootfs", storage + ":1")
                .with("unprivileged", "1")
                .tag(tag);
    }

    /** What is left of a run that was killed, or somebody else has there, is passed over. */
    @Override
    public int ids(int count) {
        Set<Integer> taken = guests().stream().map(Guest::number).collect(Collectors.toSet());
        for (int tried = 0; tried <= last - first; tried += count) {
            int from = first + Math.floorMod(OFFSET.getAndAdd(count), last - first + 2 - count);
            if (IntStream.range(from, from + count).noneMatch(taken::contains)) {
                IntStream.range(from, from + count).forEach(handedOut::add);
                return from;
            }
        }
        throw new AssertionError("no " + count + " free ids in a row from " + first + " to " + last);
    }

    private List<Guest> guests() {
        try {
            return runtime.guests().guests();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** What was made by this object: of the range, with its tag. */
    private List<Guest> own() {
        return guests().stream()
                .filter(guest -> guest.number() >= first
                        && guest.number() <= last
                        && guest.tags().contains(tag))
                .toList();
    }

    @Override
    public String stranger(int number, String name) {
        return stranger(GuestType.LXC, number, name);
    }

    String stranger(GuestType type, int number, String name) {
        Map<String, String> form = new LinkedHashMap<>(spec(type).hostName(name).parameters());
        form.put("vmid", Integer.toString(number));
        form.put("tags", tag);
        form.put("start", "1");
        try {
            Answer answer = api.ask(talk -> talk.post(Talk.node(node) + "/" + type.word(), form));
            Tasks.End end = new Tasks(api, Duration.ofMinutes(2), Spans.USUAL).end(answer);
            if (!(end instanceof Tasks.End.Done)) {
                throw new AssertionError("no stranger: " + answer.text() + " " + end);
            }
            return GuestRef.of(type, number).id();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public String machine(int number, String name) {
        return stranger(GuestType.QEMU, number, name);
    }

    /** Whatever tags are given, this object's own stays, or what tests made could not be told from anybody's. */
    @Override
    public Hands person() {
        return new Hands() {
            @Override
            public void tag(int number, String tags) {
                configure(number, "tags", tags + ";" + tag);
            }

            @Override
            public String tags(int number) {
                return Tags.join(guest(number).tags());
            }

            @Override
            public void name(int number, String name) {
                configure(number, guest(number).type().nameParameter(), name);
            }

            @Override
            public void protect(int number) {
                guarded.add(number);
                configure(number, "protection", "1");
            }

            @Override
            public void unprotect(int number) {
                configure(number, "protection", "0");
                guarded.remove(number);
            }

            @Override
            public void stop(int number) {
                done(guest(number).ref(), talk -> talk.post(guest(number).seat().path() + "/status/stop", Map.of()));
            }

            @Override
            public void destroy(int number) {
                try {
                    remove(guest(number));
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(interrupted);
                }
            }
        };
    }

    private Guest guest(int number) {
        return own().stream()
                .filter(one -> one.number() == number)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no guest of this test has the id " + number));
    }

    private void configure(int number, String name, String value) {
        Guest guest = guest(number);
        done(guest.ref(), talk -> talk.put(guest.seat().path() + "/config", Map.of(name, value)));
    }

    private void done(GuestRef ref, Api.Conversation<Answer> request) {
        try {
            Answer answer = api.ask(request);
            // A machine's configuration is changed without a task.
            boolean isDone = answer.status() == 200
                    && (!answer.data().isString()
                            || new Tasks(api, Duration.ofMinutes(2), Spans.USUAL).end(answer)
                                    instanceof Tasks.End.Done);
            if (!isDone) {
                throw new AssertionError(ref + ": " + answer.text());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        try {
            awaitMade();
            List<Guest> own = own();
            own.stream().map(Guest::number).filter(guarded::contains).forEach(number -> person().unprotect(number));
            for (Guest guest : own) {
                remove(guest);
            }
            if (!own().isEmpty()) {
                throw new AssertionError("the tests have left these guests behind; remove them by hand: " + own());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            clients.forEach(ProxmoxRuntime::close);
            api.close();
        }
    }

    /** What is in the making has no tags yet, so it would not be known for one of these. */
    private void awaitMade() throws InterruptedException {
        long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        List<Guest> making = making();
        while (!making.isEmpty()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError(
                        "still in the making, perhaps for these tests; remove them by hand: " + making);
            }
            TimeUnit.MILLISECONDS.sleep(200);
            making = making();
        }
    }

    private List<Guest> making() {
        return guests().stream()
                .filter(guest -> handedOut.contains(guest.number()))
                .filter(guest -> guest.lock().filter("create"::equals).isPresent())
                .toList();
    }

    private void remove(Guest guest) throws InterruptedException {
        var tasks = new Tasks(api, Duration.ofMinutes(2), Spans.USUAL);
        String path = guest.seat().path();
        Answer stopped = api.ask(talk -> talk.post(path + "/status/stop", Map.of()));
        if (stopped.isGood()) {
            tasks.end(stopped);
        }
        Answer removed = api.ask(talk -> talk.delete(path, Map.of(), Api.Until.EVER));
        if (removed.isGood()) {
            tasks.end(removed);
        }
    }
}
