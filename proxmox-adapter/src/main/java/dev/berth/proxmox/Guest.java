package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One guest as its cluster tells it.
 *
 * @param number its id in the cluster, which may be given to another once it is removed
 * @param type what it is
 * @param node the node that it is on; it may be off
 * @param name its host name or machine name, empty where that is not known: no other guest need have another
 * @param state where it stands, unknown where its node does not say so itself
 * @param tags its tags
 * @param lock why its configuration is locked ({@code backup}, {@code create}, {@code migrate}), empty if it is not, or that
 *     is not known
 * @param guard why it must not be removed: it is a template, protected, or managed by HA
 * @param createdAt when it was made, by its node's clock; empty where that is not known, as in every listing, and of every
 *     container
 */
public record Guest(
        int number,
        GuestType type,
        String node,
        Optional<String> name,
        InstanceState state,
        List<String> tags,
        Optional<String> lock,
        Optional<String> guard,
        Optional<Instant> createdAt) {
    /**
     * Copies the list.
     *
     * @param number its id in the cluster
     * @param type what it is
     * @param node the node that it is on
     * @param name its name
     * @param state where it stands
     * @param tags its tags
     * @param lock why its configuration is locked
     * @param guard why it must not be removed
     * @param createdAt when it was made
     * @throws InvalidInputException if a part is null
     */
    public Guest {
        InvalidInputException.requireNonNull("type", type);
        InvalidInputException.requireNonNull("node", node);
        InvalidInputException.requireNonNull("name", name);
        InvalidInputException.requireNonNull("state", state);
        tags = InvalidInputException.copyOf("tags", tags);
        InvalidInputException.requireNonNull("lock", lock);
        InvalidInputException.requireNonNull("guard", guard);
        InvalidInputException.requireNonNull("time of creation", createdAt);
    }

    /** As a listing has it, which does not tell when it was made. */
    static Guest listed(
            Seats.Seat seat,
            Optional<String> name,
            InstanceState state,
            List<String> tags,
            Optional<String> lock,
            Optional<String> guard) {
        return new Guest(seat.number(), seat.type(), seat.node(), name, state, tags, lock, guard, Optional.empty());
    }

    /**
     * Gives its full id.
     *
     * @return such as {@code lxc/108}
     */
    public String id() {
        return ref().id();
    }

    GuestRef ref() {
        return GuestRef.of(type, number);
    }

    Seats.Seat seat() {
        return new Seats.Seat(node, type, number);
    }

    /**
     * As an instance. Its number is one of its names: what a cluster never has twice at one time, and what tells whose it may
     * be while it is half made or half destroyed, and has neither host name nor tags.
     */
    Instance instance() {
        Tags.Said said = Tags.read(number, tags);
        List<String> names = new ArrayList<>();
        name.ifPresent(names::add);
        names.add(Integer.toString(number));
        return new Instance(id(), names, state, said.labels(), said.mark(), List.of(), List.of(), createdAt, guard);
    }

    /** The state of a guest whose own node says what it does. */
    static InstanceState state(String status, String machine, Optional<String> lock, List<String> tags) {
        if (lock.filter("create"::equals).isPresent()) {
            return InstanceState.UNKNOWN;
        }
        if (lock.filter("destroyed"::equals).isPresent()) {
            return InstanceState.BROKEN;
        }
        return switch (status) {
            case "running" -> machine.equals("paused") ? InstanceState.PAUSED : InstanceState.RUNNING;
            case "stopped" -> tags.contains(Tags.NEW) ? InstanceState.CREATED : InstanceState.STOPPED;
            default -> InstanceState.UNKNOWN;
        };
    }

    /** What a node calls a guest without a name is no name. */
    static Optional<String> name(String told, int number) {
        String none = told.replace(" ", "");
        return told.isEmpty() || none.equals("CT" + number) || none.equals("VM" + number)
                ? Optional.empty()
                : Optional.of(told);
    }
}
