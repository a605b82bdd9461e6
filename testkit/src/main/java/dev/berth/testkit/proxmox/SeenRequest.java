package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Map;

/**
 * A request that reached a node.
 *
 * @param node the node whose endpoint was asked
 * @param method the method, such as {@code GET}
 * @param path the path behind {@code /api2/json}, unescaped
 * @param parameters what query and body said; passwords are left out
 * @param caller the user, or the token as {@code user@realm!token}; empty where credentials were missing or wrong
 * @param at when, by the cluster's clock
 */
public record SeenRequest(
        String node, String method, String path, Map<String, String> parameters, String caller, Instant at) {
    /**
     * Makes a request with parameters of its own.
     *
     * @param node the node
     * @param method the method
     * @param path the path
     * @param parameters the parameters, which are copied
     * @param caller the caller
     * @param at the time
     */
    public SeenRequest {
        parameters = Map.copyOf(InvalidInputException.requireNonNull("parameters", parameters));
    }
}
