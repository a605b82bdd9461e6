package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A guest to create, in the API's own parameters ({@code POST /nodes/{node}/lxc} and {@code /qemu}). Guest id and tags are
 * Berth's. Immutable: each method gives a spec with more in it. Values may be secret, so {@link #toString} has none.
 */
public final class GuestSpec {
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    /** What Berth sets, what destroys or replaces, and what would make the guest one that Berth cannot take back. */
    private static final Set<String> KEPT = Set.of(
            "vmid",
            "tags",
            "node",
            "start",
            "force",
            "restore",
            "unique",
            "archive",
            "lock",
            "template",
            "protection",
            "ignore-unpack-errors",
            "ha-managed");

    private final GuestType type;
    private final String node;
    private final Map<String, String> parameters;
    private final Set<String> tags;

    private GuestSpec(GuestType type, String node, Map<String, String> parameters, Set<String> tags) {
        this.type = type;
        this.node = node;
        this.parameters = parameters;
        this.tags = tags;
    }

    /**
     * Begins a container. {@code rootfs}, {@code net0} and the like are for {@link #with} to say; without {@code
     * unprivileged=1} an API token cannot make one.
     *
     * @param node the node that it is to run on
     * @param template the volume of its template, such as {@code local:vztmpl/debian-13-standard_13.1-1_amd64.tar.zst}
     * @return the spec
     * @throws InvalidInputException if the node's name is not one
     */
    public static GuestSpec container(String node, String template) {
        return of(GuestType.LXC, node).with("ostemplate", template);
    }

    /**
     * Begins a virtual machine, made of parameters alone. To clone one is not offered: its tags would be set in a second
     * request.
     *
     * @param node the node that it is to run on
     * @return the spec
     * @throws InvalidInputException if the node's name is not one
     */
    public static GuestSpec machine(String node) {
        return of(GuestType.QEMU, node);
    }

    private static GuestSpec of(GuestType type, String node) {
        if (!NODE.matcher(InvalidInputException.requireNonNull("node", node)).matches()) {
            throw InvalidInputException.of("node", node, "a node's name: letters, digits and inner hyphens");
        }
        return new GuestSpec(type, node, Map.of(), Set.of());
    }

    /**
     * Names the guest: a container's host name, a machine's name. Proxmox VE takes a name that another guest has, so claim
     * it first.
     *
     * @param name a DNS name
     * @return the spec
     */
    public GuestSpec hostName(String name) {
        return put(type.nameParameter(), name);
    }

    /**
     * Sets a parameter of the API.
     *
     * @param parameter its name, such as {@code memory}
     * @param value its value, as the API reads it
     * @return the spec
     * @throws InvalidInputException if it is none, is set already, or is one that Berth sets itself or never sends
     */
    public GuestSpec with(String parameter, String value) {
        return put(parameter, value);
    }

    private GuestSpec put(String parameter, String value) {
        InvalidInputException.requireNonNull("parameter", parameter);
        InvalidInputException.requireNonNull("value of " + parameter, value);
        if (!KEY.matcher(parameter).matches() || KEPT.contains(parameter)) {
            throw InvalidInputException.of(
                    "parameter", parameter, "one of the API's, and none of " + new TreeSet<>(KEPT));
        }
        if (parameters.containsKey(parameter)) {
            throw InvalidInputException.of("parameter", parameter, "one that is not set yet");
        }
        var more = new LinkedHashMap<>(parameters);
        more.put(parameter, value);
        return new GuestSpec(type, node, Collections.unmodifiableMap(more), tags);
    }

    /**
     * Puts a tag of the host's own on the guest, beside those that make it ours.
     *
     * @param tag lower-case letters, digits, {@code _ + . -}; not one that begins with {@code berth-} or {@code berth.}
     * @return the spec
     * @throws InvalidInputException if it is not one
     */
    public GuestSpec tag(String tag) {
        if (!Tags.isTag(InvalidInputException.requireNonNull("tag", tag)) || Tags.isOurs(tag)) {
            throw InvalidInputException.of(
                    "tag", tag, "lower-case letters, digits and _ + . -, and no beginning of berth- or berth.");
        }
        var more = new TreeSet<>(tags);
        more.add(tag);
        return new GuestSpec(type, node, parameters, Collections.unmodifiableSet(more));
    }

    GuestType type() {
        return type;
    }

    String node() {
        return node;
    }

    Map<String, String> parameters() {
        return parameters;
    }

    Set<String> tags() {
        return tags;
    }

    @Override
    public String toString() {
        return type.word() + " on " + node + " with " + parameters.keySet();
    }
}
