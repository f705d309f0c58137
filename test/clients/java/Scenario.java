import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;

/**
 * What every client does with the server, as TAP; a client says how.
 *
 * Its items are numbers: each has a vector, a text and a tag that follow from it,
 * so that any answer can be checked here by comparing all of them.
 */
class Scenario {
    static final int DIMS = 8;
    static final int ROWS = 200;
    static final int NEAREST = 10;
    static final int QUERY = 1000;
    /** An approximate index may miss some of the nearest. */
    static final int FOUND_AT_LEAST = 8;

    /** The access method of the client's index; empty where the server has it not. */
    static final String INDEX = System.getenv().getOrDefault("CLIENT_INDEX", "");

    /** Values in the order of their distances from the first one. */
    record Kind(String name, String operator, String opclass, List<String> values) {}

    static final List<Kind> KINDS = List.of(
            new Kind("halfvec", "<->", "halfvec_l2_ops", List.of("[1,0,2]", "[0,3,4]", "[5,5,5]")),
            new Kind("sparsevec", "<->", "sparsevec_l2_ops", List.of("{1:1,3:2}/3", "{2:3,3:4}/3", "{1:5}/3")),
            new Kind("bit", "<~>", "bit_hamming_ops", List.of("101", "111", "010")));

    static final Map<String, Supplier<Client>> CLIENTS = Map.of(
            "jdbc", JdbcClient::new,
            "langchain4j", Langchain4jClient::new,
            "springai", SpringAiClient::new);

    private final Supplier<Client> make;
    private Client client;
    private final TreeMap<Integer, Integer> numbers = new TreeMap<>();
    private int moved;
    private int count;

    Scenario(Supplier<Client> make) {
        this.make = make;
        for (int key = 1; key <= ROWS; key++) {
            numbers.put(key, key);
        }
    }

    /** Does the server have this type, or this class as "hnsw:halfvec_l2_ops"? */
    static boolean has(String what) {
        return List.of(System.getenv().getOrDefault("CLIENT_HAS", "").split(" ")).contains(what);
    }

    /** All elements are multiples of 1/16 below 8: halves have them too. */
    static float[] vector(int n) {
        float[] v = new float[DIMS];
        for (int j = 0; j < DIMS; j++) {
            v[j] = ((n * n * (j + 3) + n * (13 * j + 7) + 5) % 251 - 125) / 16f;
        }
        return v;
    }

    static String text(int number) {
        return "item " + number;
    }

    /** The embedding of a text, in place of a model's. */
    static float[] embed(String text) {
        return vector(Integer.parseInt(text.split(" ")[1]));
    }

    static String tag(int key) {
        return List.of("red", "green", "blue", "grey").get(key % 4);
    }

    /** Cosine distance, which all clients here search by. */
    static double distance(int number) {
        float[] a = vector(QUERY);
        float[] b = vector(number);
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int j = 0; j < DIMS; j++) {
            dot += (double) a[j] * b[j];
            aa += (double) a[j] * a[j];
            bb += (double) b[j] * b[j];
        }
        return 1 - dot / Math.sqrt(aa * bb);
    }

    private boolean step(String name, Callable<?> work) {
        count++;
        try {
            work.call();
            System.out.println("ok " + count + " - " + name);
            return true;
        } catch (Throwable error) {
            System.out.println("not ok " + count + " - " + name);
            for (Throwable e = error; e != null; e = e.getCause()) {
                System.out.println("# " + e.toString().replace("\n", "\n# "));
                for (int i = 0; i < Math.min(8, e.getStackTrace().length); i++) {
                    System.out.println("#   " + e.getStackTrace()[i]);
                }
            }
            return false;
        }
    }

    private static void check(boolean well, String what) {
        if (!well) {
            throw new AssertionError(what);
        }
    }

    private Void open() throws Exception {
        client = make.get();
        client.open();
        return null;
    }

    private Void create() throws Exception {
        open();
        client.create();
        return null;
    }

    private Void insert() throws Exception {
        List<Client.Item> items = new ArrayList<>();
        numbers.forEach((key, number) -> items.add(new Client.Item(key, number, tag(key))));
        client.insert(items);
        return null;
    }

    /** Are these the nearest, of all or of those with the tag? */
    private List<Integer> search(String tag) throws Exception {
        double bar = numbers.keySet().stream()
                .filter(key -> tag == null || tag(key).equals(tag))
                .mapToDouble(key -> distance(numbers.get(key)))
                .sorted().skip(NEAREST - 1).findFirst().getAsDouble() + 1e-5;
        List<Integer> found = client.search(QUERY, NEAREST, tag);
        check(found.size() == NEAREST && new HashSet<>(found).size() == NEAREST, "found " + found);
        check(numbers.keySet().containsAll(found), "deleted ones in " + found);
        check(tag == null || found.stream().allMatch(key -> tag(key).equals(tag)), "not all " + tag + ": " + found);
        long near = found.stream().filter(key -> distance(numbers.get(key)) <= bar).count();
        check(near >= FOUND_AT_LEAST, "found " + found + ", of which " + near + " are nearest");
        return found;
    }

    /** The farthest becomes the query itself: then it is the first. */
    private Void update() throws Exception {
        IntToDoubleFunction from = Scenario::distance;
        moved = numbers.keySet().stream().max(Comparator.comparingDouble(from::applyAsDouble)).get();
        numbers.put(moved, QUERY);
        client.update(moved, QUERY, tag(moved));
        List<Integer> found = search(null);
        check(found.get(0) == moved, moved + " is not the first of " + found);
        return null;
    }

    private Object delete() throws Exception {
        numbers.remove(moved);
        client.delete(moved);
        return search(null);
    }

    private Object reopen() throws Exception {
        client.close();
        open();
        return search(null);
    }

    private Void typed(Kind kind) throws Exception {
        String opclass = has(INDEX + ":" + kind.opclass()) ? kind.opclass() : null;
        List<String> found = client.typed(kind, opclass);
        check(found == null || found.equals(kind.values()), "found " + found + ", not " + kind.values());
        return null;
    }

    private void run() {
        if (!step("create", this::create) || !step("insert", this::insert)) {
            return;
        }
        if (!INDEX.isEmpty()) {
            step("index", () -> {
                client.index();
                return null;
            });
        }
        step("search", () -> search(null));
        step("filter", () -> search("green"));
        step("update", this::update);
        step("delete", this::delete);
        step("reopen", this::reopen);
        for (Kind kind : client instanceof JdbcClient ? KINDS : List.<Kind>of()) {
            if (has(kind.name())) {
                step(kind.name(), () -> typed(kind));
            } else {
                step(kind.name() + " # SKIP the server has no " + kind.name(), () -> null);
            }
        }
    }

    public static void main(String[] args) {
        new Scenario(CLIENTS.get(args[0])).run();
        System.exit(0);
    }
}
