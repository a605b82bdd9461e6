package dev.berth.docker;

import dev.berth.docker.Told.Answer;
import dev.berth.docker.Told.Asked;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Docker Engine of a few containers, told by a server: it creates, starts, tells, lists and removes; a test says what it
 * answers otherwise, and what it adds to what it tells of a container.
 */
final class ToldEngine implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern LABELS = Pattern.compile("\"Labels\":\\{([^}]*)\\}");

    private final Told told;
    private final Map<String, One> containers = new TreeMap<>();
    private final Function<Asked, Optional<Answer>> otherwise;
    private int made;
    /** What each inspection has beside the usual parts, such as {@code "Config":{...}} without labels. */
    private volatile String more = "";

    private volatile String imagesLabels = "";

    private static final class One {
        private final String name;
        private final String labels;
        private String state = "created";

        One(String name, String labels) {
            this.name = name;
            this.labels = labels;
        }
    }

    /**
     * Begins an engine.
     *
     * @param otherwise what it answers; empty for what an engine would
     */
    ToldEngine(Function<Asked, Optional<Answer>> otherwise) throws IOException {
        this.otherwise = otherwise;
        this.told = new Told(this::answer);
    }

    ToldEngine() throws IOException {
        this(asked -> Optional.empty());
    }

    static String id(int number) {
        return String.format("%064x", number);
    }

    /** Adds a part to each inspection's configuration, such as {@code "ExposedPorts":{...}}. */
    ToldEngine inspectedWith(String part) {
        more = "," + part;
        return this;
    }

    /** Gives each container labels that come from its image, such as {@code "a":"b"}. */
    ToldEngine imageWith(String labels) {
        imagesLabels = labels;
        return this;
    }

    URI uri() {
        return told.uri();
    }

    Told told() {
        return told;
    }

    synchronized Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        containers.forEach((id, one) -> states.put(id, one.state));
        return states;
    }

    private synchronized Answer answer(Asked asked) {
        return otherwise.apply(asked).orElseGet(() -> usual(asked));
    }

    private Answer usual(Asked asked) {
        if (asked.path().equals("/info")) {
            return Answer.ok("{\"ID\":\"engine\",\"Driver\":\"overlay2\",\"DockerRootDir\":\"/data\","
                    + "\"LiveRestoreEnabled\":false}");
        }
        if (asked.path().equals("/networks")) {
            return Answer.ok("[{\"Name\":\"none\",\"Id\":\"n1\",\"Driver\":\"null\"},"
                    + "{\"Name\":\"bridge\",\"Id\":\"b1\",\"Driver\":\"bridge\"}]");
        }
        if (asked.path().equals("/containers/json")) {
            return Answer.ok(listing(asked.query()));
        }
        if (asked.path().equals("/containers/create")) {
            return create(asked);
        }
        if (asked.path().startsWith("/images/")) {
            return Answer.ok("{\"Id\":\"sha256:1\",\"Config\":{\"Labels\":{" + imagesLabels + "}}}");
        }
        Matcher id = ID.matcher(asked.path());
        return id.find() ? ofOne(asked, id.group()) : Answer.error(404, "page not found");
    }

    private Answer create(Asked asked) {
        Matcher labels = LABELS.matcher(asked.body());
        String own = labels.find() ? labels.group(1) : "";
        String id = id(++made);
        String all = own + (own.isEmpty() || imagesLabels.isEmpty() ? "" : ",") + imagesLabels;
        containers.put(id, new One(asked.query().replaceAll(".*name=([^&]*).*", "$1"), all));
        return Answer.of(201, "{\"Id\":\"" + id + "\"}");
    }

    private Answer ofOne(Asked asked, String id) {
        One one = containers.get(id);
        if (one == null) {
            return Answer.error(404, "No such container: " + id);
        }
        if (asked.is("POST", "/start")) {
            one.state = "running";
            return Answer.of(204, "");
        }
        if (asked.is("POST", "/stop")) {
            one.state = "exited";
            return Answer.of(204, "");
        }
        if (asked.method().equals("DELETE")) {
            containers.remove(id);
            return Answer.of(204, "");
        }
        return Answer.ok("{\"Id\":\"" + id + "\",\"Name\":\"/" + one.name
                + "\",\"Created\":\"2026-01-01T00:00:00Z\",\"Image\":\"sha256:1\",\"State\":{\"Status\":\"" + one.state
                + "\"},\"Config\":{\"Labels\":{" + one.labels + "}" + more + "}}");
    }

    private String listing(String query) {
        var all = new StringBuilder("[");
        Matcher only = ID.matcher(query);
        String wanted = only.find() ? only.group() : "";
        containers.forEach((id, one) -> {
            if (wanted.isEmpty() || wanted.equals(id)) {
                all.append(all.length() == 1 ? "" : ",")
                        .append("{\"Id\":\"" + id + "\",\"Names\":[\"/" + one.name + "\"],\"ImageID\":\"sha256:1\","
                                + "\"Created\":1767225600,\"State\":\"" + one.state + "\",\"Status\":\"Up 2 seconds\","
                                + "\"Ports\":[],\"Labels\":{" + one.labels + "}}");
            }
        });
        return all.append("]").toString();
    }

    @Override
    public void close() throws IOException {
        told.close();
    }
}
