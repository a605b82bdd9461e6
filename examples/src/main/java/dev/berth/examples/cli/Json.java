package dev.berth.examples.cli;

import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Records and maps as JSON, for other programs to read. */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Json() {}

    /**
     * Writes a value.
     *
     * @param value a record, a map or a list
     * @return its JSON, over several lines
     */
    public static String of(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /**
     * Reads an object of texts and numbers.
     *
     * @param json the object
     * @return its values, as texts
     */
    public static Map<String, String> texts(String json) {
        return MAPPER.readValue(json, new TypeReference<Map<String, String>>() {});
    }
}
