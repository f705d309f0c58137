import com.pgvector.PGbit;
import com.pgvector.PGhalfvec;
import com.pgvector.PGsparsevec;
import com.pgvector.PGvector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** JDBC with pgvector-java's types. */
class JdbcClient implements Client {
    private Connection connection;

    @Override
    public void open() throws SQLException {
        connection = Database.source().getConnection();
        PGvector.registerTypes(connection);
        PGbit.registerType(connection);
    }

    private PreparedStatement prepare(String statement, Object... args) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(statement);
        for (int i = 0; i < args.length; i++) {
            prepared.setObject(i + 1, args[i]);
        }
        return prepared;
    }

    private void execute(String statement, Object... args) throws SQLException {
        try (PreparedStatement prepared = prepare(statement, args)) {
            prepared.execute();
        }
    }

    private static PGvector value(int number) {
        return new PGvector(Scenario.vector(number));
    }

    @Override
    public void create() throws SQLException {
        execute("CREATE EXTENSION IF NOT EXISTS vector");
        // A connection keeps what types it did not find.
        close();
        open();
        execute("CREATE TABLE items (id int PRIMARY KEY, tag text, embedding vector(8))");
    }

    @Override
    public void insert(List<Item> items) throws SQLException {
        for (Item item : items) {
            execute("INSERT INTO items VALUES (?, ?, ?)", item.key(), item.tag(), value(item.number()));
        }
        // So often that the driver prepares it, and from then on reads the binary format.
        try (PreparedStatement read = prepare("SELECT embedding FROM items WHERE id = 7")) {
            for (int i = 0; i < 8; i++) {
                ResultSet row = read.executeQuery();
                row.next();
                float[] found = ((PGvector) row.getObject(1)).toArray();
                if (!Arrays.equals(found, Scenario.vector(7))) {
                    throw new AssertionError("read " + Arrays.toString(found));
                }
            }
        }
    }

    @Override
    public void index() throws SQLException {
        execute("CREATE INDEX ON items USING " + Scenario.INDEX + " (embedding vector_cosine_ops)");
    }

    @Override
    public List<Integer> search(int number, int limit, String tag) throws SQLException {
        String where = tag == null ? "" : "WHERE tag = '" + tag + "'";
        String statement = "SELECT id FROM items " + where + " ORDER BY embedding <=> ? LIMIT " + limit;
        List<Integer> found = new ArrayList<>();
        try (PreparedStatement prepared = prepare(statement, value(number)); ResultSet rows = prepared.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
        }
        return found;
    }

    @Override
    public void update(int key, int number, String tag) throws SQLException {
        execute("UPDATE items SET embedding = ? WHERE id = ?", value(number), key);
    }

    @Override
    public void delete(int key) throws SQLException {
        execute("DELETE FROM items WHERE id = ?", key);
    }

    private static Object toDriver(String kind, String value) throws SQLException {
        return switch (kind) {
            case "halfvec" -> new PGhalfvec(value);
            case "sparsevec" -> new PGsparsevec(value);
            default -> new PGbit(value);
        };
    }

    @Override
    public List<String> typed(Scenario.Kind kind, String opclass) throws SQLException {
        String table = kind.name() + "_items";
        execute("CREATE TABLE " + table + " (id serial, v " + kind.name() + "(3))");
        for (int i = kind.values().size() - 1; i >= 0; i--) {
            execute("INSERT INTO " + table + " (v) VALUES (?)", toDriver(kind.name(), kind.values().get(i)));
        }
        if (opclass != null) {
            execute("CREATE INDEX ON " + table + " USING " + Scenario.INDEX + " (v " + opclass + ")");
        }
        List<String> found = new ArrayList<>();
        try (PreparedStatement prepared = prepare(
                        "SELECT v FROM " + table + " ORDER BY v " + kind.operator() + " ?",
                        toDriver(kind.name(), kind.values().get(0)));
                ResultSet rows = prepared.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
