package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** The comparer finds every single difference that is planted into a recorded answer. */
class ComparerTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** Something done to a tree at one place, and back again. */
    interface Plant {
        void at(ObjectNode parent, String key);
    }

    /** Whether what was planted shall be found. */
    interface Expectation {
        void is(boolean found);
    }

    @Test
    void recordedAnswersEqualThemselves() throws IOException {
        for (Recording recording : Recording.all().values()) {
            assertThat(Comparer.differences(recording.answer(), recording.answer()))
                    .as(recording.name())
                    .isEmpty();
        }
    }

    @Test
    void everyPlantedStatusReasonAndHeaderIsFound() throws IOException {
        int planted = 0;
        for (Recording recording : Recording.all().values()) {
            RawClient.Raw answer = recording.answer();
            List<RawClient.Raw> wrong = new ArrayList<>();
            wrong.add(new RawClient.Raw(answer.status() + 1, answer.reason(), answer.headers(), answer.body()));
            wrong.add(new RawClient.Raw(answer.status(), answer.reason() + "!", answer.headers(), answer.body()));
            for (int i = 0; i < answer.headers().size(); i++) {
                List<Map.Entry<String, String>> fewer = new ArrayList<>(answer.headers());
                Map.Entry<String, String> header = fewer.remove(i);
                wrong.add(new RawClient.Raw(answer.status(), answer.reason(), fewer, answer.body()));
                if (!List.of("Date", "Expires", "Content-Length", "Content-Encoding")
                        .contains(header.getKey())) {
                    List<Map.Entry<String, String>> other = new ArrayList<>(answer.headers());
                    other.set(i, Map.entry(header.getKey(), header.getValue() + "x"));
                    wrong.add(new RawClient.Raw(answer.status(), answer.reason(), other, answer.body()));
                }
            }
            for (RawClient.Raw one : wrong) {
                if (isGzip(answer) && !isGzip(one)) {
                    continue;
                }
                planted++;
                assertThat(Comparer.differences(answer, one))
                        .as(recording.name())
                        .isNotEmpty();
            }
        }
        assertThat(planted).isGreaterThan(5_000);
    }

    private static boolean isGzip(RawClient.Raw answer) {
        return !answer.all("Content-Encoding").isEmpty();
    }

    @Test
    void everyPlantedKeyTypeAndValueIsFoundWhereItIsNotMeasured() throws IOException {
        int[] planted = new int[2];
        List<String> wrong = new ArrayList<>();
        for (Recording recording : Recording.all().values()) {
            RawClient.Raw answer = recording.answer();
            if (isGzip(answer) || answer.all("Content-Type").isEmpty()) {
                continue;
            }
            JsonNode tree = answer.json();
            JsonNode recorded = tree.deepCopy();
            visit(tree, (parent, key) -> {
                JsonNode old = parent.get(key);
                Expectation expectation = found -> {
                    planted[found ? 0 : 1]++;
                    if (Comparer.differences(recorded, tree).isEmpty() == found) {
                        wrong.add(recording.name() + " at " + key);
                    }
                };
                parent.remove(key);
                expectation.is(true);
                parent.set(key, old);
                parent.put(key + "x", 1);
                expectation.is(true);
                parent.remove(key + "x");
                parent.set(key, old.isArray() ? MAPPER.createObjectNode() : MAPPER.createArrayNode());
                expectation.is(true);
                if (old.isValueNode() && !old.isNull()) {
                    parent.set(key, changed(old));
                    expectation.is(!Comparer.isMeasured(key));
                }
                parent.set(key, old);
            });
        }
        assertThat(wrong).isEmpty();
        assertThat(planted[0]).isGreaterThan(10_000);
        assertThat(planted[1])
                .as("changes of what is measured, which are let pass")
                .isGreaterThan(1_000);
    }

    private static JsonNode changed(JsonNode old) {
        return old.isNumber()
                ? MAPPER.getNodeFactory().numberNode(old.asLong() + 7)
                : StringNode.valueOf(old.asString() + "~");
    }

    @Test
    void rowTooManyOrTooFewIsFound() throws IOException {
        int planted = 0;
        for (Recording recording : Recording.all().values()) {
            RawClient.Raw answer = recording.answer();
            if (isGzip(answer) || answer.all("Content-Type").isEmpty()) {
                continue;
            }
            JsonNode tree = answer.json();
            JsonNode recorded = tree.deepCopy();
            if (tree.get("data") instanceof ArrayNode rows) {
                for (int i = 0; i < rows.size(); i++) {
                    JsonNode row = rows.remove(i);
                    assertThat(Comparer.differences(recorded, tree))
                            .as(recording.name())
                            .isNotEmpty();
                    rows.insert(i, row);
                    planted++;
                }
                rows.add(MAPPER.createObjectNode());
                assertThat(Comparer.differences(recorded, tree))
                        .as(recording.name())
                        .isNotEmpty();
            }
        }
        assertThat(planted).isGreaterThan(200);
    }

    private static void visit(JsonNode node, Plant plant) {
        if (node instanceof ObjectNode object) {
            for (String key : List.copyOf(object.propertyNames())) {
                visit(object.get(key), plant);
                plant.at(object, key);
            }
        } else if (node.isArray()) {
            node.forEach(child -> visit(child, plant));
        }
    }
}
