package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Objects;

/** A token of a {@link FakeUser}. Its text never shows the secret. Safe for use by many threads. */
public final class FakeToken {
    /** What the secrets of tokens and users begin with that were not set otherwise: look for it where none may be. */
    public static final String SECRETS_BEGIN = "5ec2e700";

    private final Cluster cluster;
    private final Caller caller;

    FakeToken(Cluster cluster, Caller caller) {
        this.cluster = cluster;
        this.caller = caller;
    }

    private Access.Token token() {
        return Objects.requireNonNull(
                cluster.access.account(caller.user()).tokens.get(caller.token()), "the token was taken away");
    }

    /**
     * Names the token.
     *
     * @return {@code user@realm!id}
     */
    public String id() {
        return caller.name();
    }

    /**
     * Gives the secret.
     *
     * @return the secret
     */
    public String secret() {
        return cluster.at(() -> token().secret);
    }

    /**
     * Gives the value of the {@code Authorization} header.
     *
     * @return {@code PVEAPIToken=user@realm!id=secret}
     */
    public String authorization() {
        return "PVEAPIToken=" + id() + "=" + secret();
    }

    /**
     * Gives a token with privilege separation privileges at a path and below it, of which those count that its user has too.
     *
     * @param path the path, such as {@code /} or {@code /vms/100}
     * @param privileges the privileges; none for {@code NoAccess}
     * @return this
     */
    public FakeToken may(String path, String... privileges) {
        cluster.act(() -> cluster.access.grant(path, caller.name(), FakeUser.known(privileges)));
        return this;
    }

    /** Takes all rights away, from the token and from its user. What it asks for is answered with empty lists, or 403. */
    public void losesItsRights() {
        cluster.act(() -> {
            cluster.access.revoke(caller.name());
            cluster.access.revoke(caller.user());
        });
    }

    /**
     * Takes one privilege away, from the token and from its user, wherever it was given.
     *
     * @param privilege the privilege, such as {@code VM.Audit}
     */
    public void loses(String privilege) {
        var known = FakeUser.known(privilege);
        cluster.act(() -> known.forEach(one -> {
            cluster.access.revoke(caller.name(), one);
            cluster.access.revoke(caller.user(), one);
        }));
    }

    /**
     * Lets the token expire.
     *
     * @param at when, by the cluster's clock
     */
    public void expiresAt(Instant at) {
        InvalidInputException.requireNonNull("expiry", at);
        cluster.act(() -> token().expiry = at);
    }

    @Override
    public String toString() {
        return "fake token " + id();
    }
}
