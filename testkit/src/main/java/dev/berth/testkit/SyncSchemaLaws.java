package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncStore;
import dev.berth.sync.ValueType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which database it is, and what it declares. */
abstract class SyncSchemaLaws extends SyncLaws {
    SyncSchemaLaws(SyncStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("A database has the same identity whoever opens it, and after it was closed.")
    void identityOutlivesTheStore() throws Exception {
        var id = store.identity();
        try (SyncStore first = another()) {
            assertThat(first.identity()).isEqualTo(id);
        }
        assertThat(another().identity()).isEqualTo(id);
        assertThat(store.identity()).isEqualTo(id);
    }

    @Test
    @DisplayName("Two databases have two identities.")
    void identityIsOfOneDatabase() throws Exception {
        assertThat(elsewhere().identity()).isNotEqualTo(store.identity());
    }

    @Test
    @DisplayName("The application's tables are listed, and no others.")
    void tablesAreTheApplications() {
        store.startCapture(List.of(parents()), READER);
        does(session -> session.put("book", List.of(note(1, "a"))));

        assertThat(store.tables()).containsExactlyInAnyOrderElementsOf(TABLES);
    }

    @Test
    @DisplayName("A table tells its columns in their order, and which of them take NULL.")
    void tableTellsItsColumns() {
        StoreTable parent = store.table("parent");

        assertThat(parent.name()).isEqualTo("parent");
        assertThat(names(parent)).containsExactly("id", "name", "code", "note", "extra");
        assertThat(parent.column("name").map(StoreColumn::isNullable)).contains(false);
        assertThat(parent.column("code").map(StoreColumn::isNullable)).contains(true);
        assertThat(parent.column("name").map(StoreColumn::type)).contains(ValueType.TEXT);
        assertThat(parent.column("id").map(StoreColumn::filling)).contains(StoreColumn.Filling.FILLED);
        assertThat(parent.column("name").map(StoreColumn::filling)).contains(StoreColumn.Filling.NEEDED);
        assertThat(parent.keeping()).isEqualTo(StoreTable.Keeping.AS_GIVEN);
    }

    @Test
    @DisplayName("A table tells its primary key and its unique keys, which hold for all rows.")
    void tableTellsItsKeys() {
        StoreTable parent = store.table("parent");

        assertThat(parent.primaryKey()).containsExactly("id");
        assertThat(parent.uniques())
                .extracting(StoreTable.Unique::columns)
                .containsExactlyInAnyOrder(List.of("id"), List.of("name"), List.of("code"));
        assertThat(parent.uniques()).extracting(StoreTable.Unique::reach).containsOnly(StoreTable.Reach.ALL);
        assertThat(store.table("tag").primaryKey()).containsExactly("parent_id", "label");
    }

    @Test
    @DisplayName("A table tells what it refers to, itself included.")
    void tableTellsItsReferences() {
        assertThat(store.table("child").references())
                .containsExactlyInAnyOrder(
                        new StoreTable.Reference(List.of("parent_id"), "parent", List.of("id")),
                        new StoreTable.Reference(List.of("up_id"), "child", List.of("id")));
        assertThat(store.table("parent").references()).isEmpty();
    }

    @Test
    @DisplayName("A reference of two columns tells them in one order on both sides, and so does who refers.")
    void compositeReferenceIsToldInOrder() {
        List<String> columns = List.of("country", "code");

        assertThat(store.table("town").references())
                .containsExactly(new StoreTable.Reference(columns, "region", columns));
        assertThat(store.table("region").referrers())
                .containsExactly(new StoreTable.Referrer(Optional.empty(), "town", columns, columns, Optional.empty()));
    }

    @Test
    @DisplayName("A table tells who refers to it, itself included.")
    void tableTellsItsReferrers() {
        assertThat(store.table("parent").referrers())
                .containsExactlyInAnyOrder(by("child", "parent_id"), by("tag", "parent_id"), by("mark", "parent_id"));
        assertThat(store.table("child").referrers()).containsExactly(by("child", "up_id"));
    }

    private static StoreTable.Referrer by(String table, String column) {
        return new StoreTable.Referrer(Optional.empty(), table, List.of(column), List.of("id"), Optional.empty());
    }

    @Test
    @DisplayName("Triggers of a capture do not count as such that change what is written.")
    void captureIsNoTriggerOfOthers() {
        store.startCapture(List.of(parents()), READER);

        assertThat(store.table("parent").keeping()).isEqualTo(StoreTable.Keeping.AS_GIVEN);
    }

    @Test
    @DisplayName("A table that is not there is refused, and the refusal names it.")
    void unknownTableIsRefused() {
        assertThatThrownBy(() -> store.table("nowhere"))
                .isInstanceOf(SyncRefusedException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    @DisplayName("The time is the database's, and does not go back from one question to the next.")
    void clockMovesOn() throws Exception {
        Instant before = store.now();
        Instant other = another().now();

        assertThat(other).isAfterOrEqualTo(before);
        assertThat(store.now()).isAfterOrEqualTo(other);
    }

    @Test
    @DisplayName("A store describes its database.")
    void storeDescribesItself() {
        assertThat(store.describe()).isNotBlank();
    }
}
