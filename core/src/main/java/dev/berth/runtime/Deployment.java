package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a runtime is to create: the host's own specification, and what Berth adds to it.
 *
 * @param <S> the specification's type, in the runtime's own terms
 * @param spec the host's specification
 * @param name the instance's name, empty if the runtime is to choose
 * @param publications the ports to publish
 * @param mark what makes it ours
 * @param labels further labels, without those of the mark
 */
public record Deployment<S>(
        S spec, Optional<String> name, List<Publication> publications, Mark mark, Map<String, String> labels) {
    /**
     * Copies the collections.
     *
     * @param spec the host's specification
     * @param name the instance's name
     * @param publications the ports to publish
     * @param mark what makes it ours
     * @param labels further labels
     * @throws InvalidInputException if a part is null
     */
    public Deployment {
        InvalidInputException.requireNonNull("specification", spec);
        InvalidInputException.requireNonNull("name", name);
        publications = InvalidInputException.copyOf("publications", publications);
        InvalidInputException.requireNonNull("mark", mark);
        labels = InvalidInputException.copyOf("labels", labels);
    }

    /**
     * Gives all labels that the instance is to carry.
     *
     * @return the mark's and the further ones
     */
    public Map<String, String> allLabels() {
        var all = new TreeMap<>(labels);
        all.putAll(mark.labels());
        return all;
    }
}
