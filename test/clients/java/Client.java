import java.util.List;
import java.util.UUID;

/** The steps of a client, in its library's own words. */
interface Client {
    record Item(int key, int number, String tag) {}

    void open() throws Exception;

    /** What is left to do where the table is made when it is opened. */
    default void create() throws Exception {}

    void insert(List<Item> items) throws Exception;

    /** Some make it with the table. */
    default void index() throws Exception {}

    /** The keys of the nearest, of all or of those with the tag if it is not null. */
    List<Integer> search(int number, int limit, String tag) throws Exception;

    /** Most insert it anew, over the old one. */
    default void update(int key, int number, String tag) throws Exception {
        insert(List.of(new Item(key, number, tag)));
    }

    void delete(int key) throws Exception;

    /** Those who know no other type than vector leave it; {@code null} says so. */
    default List<String> typed(Scenario.Kind kind, String opclass) throws Exception {
        return null;
    }

    default void close() throws Exception {}

    /** Where keys are UUIDs. */
    static String identity(int key) {
        return new UUID(0, key).toString();
    }

    static int key(String identity) {
        return (int) UUID.fromString(identity).getLeastSignificantBits();
    }
}
