import java.util.List;

/** The steps of a client, in its library's own words. */
interface Client {
    record Item(int key, int number, String tag) {}

    void open() throws Exception;

    void create() throws Exception;

    void insert(List<Item> items) throws Exception;

    /** Some make it with the table. */
    default void index() throws Exception {}

    /** The keys of the nearest, of all or of those with the tag if it is not null. */
    List<Integer> search(int number, int limit, String tag) throws Exception;

    void update(int key, int number, String tag) throws Exception;

    void delete(int key) throws Exception;

    /** Those who know no other type than vector leave it; {@code null} says so. */
    default List<String> typed(Scenario.Kind kind, String opclass) throws Exception {
        return null;
    }

    void close() throws Exception;
}
