package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.util.Set;

/** A user of a {@link FakeProxmox}, and what it may do. Safe for use by many threads. */
public final class FakeUser {
    private final Cluster cluster;
    private final String name;

    FakeUser(Cluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
        cluster.act(() -> {
            var unused = cluster.access.account(name);
        });
    }

    /**
     * Names the user.
     *
     * @return {@code user@realm}
     */
    public String name() {
        return name;
    }

    /**
     * Sets the password for tickets.
     *
     * @param password the password
     * @return this
     */
    public FakeUser withPassword(String password) {
        InvalidInputException.requireNonNull("password", password);
        cluster.act(() -> cluster.access.account(name).password = password);
        return this;
    }

    /**
     * Gives privileges at a path and below it, instead of those that were given there before. A deeper path takes the place
     * of a higher one; without privileges it means none ({@code NoAccess}).
     *
     * @param path the path, such as {@code /} or {@code /vms/100}
     * @param privileges the privileges, such as {@code VM.Audit}
     * @return this
     */
    public FakeUser may(String path, String... privileges) {
        cluster.act(() -> cluster.access.grant(path, name, known(privileges)));
        return this;
    }

    /**
     * Gives all privileges at a path and below it.
     *
     * @param path the path
     * @return this
     */
    public FakeUser mayEverything(String path) {
        cluster.act(() -> cluster.access.grant(path, name, Privileges.ALL));
        return this;
    }

    /** Takes everything away that the user was given; its tokens keep what they were given, of which nothing counts. */
    public void losesItsRights() {
        cluster.act(() -> cluster.access.revoke(name));
    }

    /** Disables the user: neither password nor ticket nor token is good any more. */
    public void isDisabled() {
        cluster.act(() -> cluster.access.account(name).enabled = false);
    }

    /**
     * Gives a token that may do what the user may; makes it if there is none.
     *
     * @param id the token's id, two characters or more
     * @return the token
     */
    public FakeToken token(String id) {
        return make(id, false);
    }

    /**
     * Gives a token with privilege separation, which is what Proxmox VE makes if nothing else is said: it may do what both it
     * and the user were given, and so nothing at first. Makes it if there is none.
     *
     * @param id the token's id, two characters or more
     * @return the token
     */
    public FakeToken separatedToken(String id) {
        return make(id, true);
    }

    private FakeToken make(String id, boolean separated) {
        if (!InvalidInputException.requireNonNull("token", id).matches("[A-Za-z][\\w.-]+")) {
            throw InvalidInputException.of("token", id, "a letter, then one or more letters, digits, dots or hyphens");
        }
        cluster.act(() -> {
            var unused = cluster.access.account(name).tokens.computeIfAbsent(id, any -> new Access.Token(separated));
        });
        return new FakeToken(cluster, new Caller(name, id));
    }

    static Set<String> known(String... privileges) {
        for (String privilege : privileges) {
            if (!Privileges.ALL.contains(privilege)) {
                throw InvalidInputException.of("privilege", privilege, "one of " + Privileges.ALL);
            }
        }
        return Set.of(privileges);
    }

    @Override
    public String toString() {
        return "fake user " + name;
    }
}
