// LEMON's network simplex on a market file, whose form services/matching/solver/examples/large/file.rs describes.
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <vector>

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

struct Pair {
    std::uint32_t line;
    std::int32_t score;
    std::uint16_t quota;
    std::uint8_t tier, nothing;
};
static_assert(sizeof(Pair) == 12, "a pair is 12 bytes in the file");

int main(int, char **words) {
    std::ifstream file(words[1], std::ios::binary);
    char name[8];
    file.read(name, 8);
    if (!file || std::memcmp(name, "MARKET01", 8) != 0) {
        std::cerr << words[1] << " is no market\n";
        return 2;
    }
    auto numbers = [&file](std::size_t count) {
        std::vector<std::int64_t> read(count);
        file.read(reinterpret_cast<char *>(read.data()), static_cast<std::streamsize>(8 * count));
        return read;
    };
    const auto counts = numbers(4);
    const auto people = static_cast<int>(counts[0]), lines = static_cast<int>(counts[1]);
    const auto boosts = numbers(256), seats = numbers(lines);
    numbers(counts[2]);
    const auto first = numbers(people + 1);

    using Graph = lemon::SmartDigraph;
    Graph graph;
    graph.reserveNode(people + lines + 2);
    graph.reserveArc(static_cast<int>(counts[3]) + people + lines + 1);
    for (int at = 0; at < people + lines + 2; ++at) graph.addNode();
    const auto source = graph.nodeFromId(people + lines), sink = graph.nodeFromId(people + lines + 1);
    Graph::ArcMap<std::int64_t> cost(graph), room(graph);
    auto arc = [&](Graph::Node from, Graph::Node to, std::int64_t capacity, std::int64_t price) {
        const auto added = graph.addArc(from, to);
        room[added] = capacity;
        cost[added] = price;
    };
    std::vector<Pair> pairs;
    for (int at = 0; at < people; ++at) {
        pairs.resize(first[at + 1] - first[at]);
        file.read(reinterpret_cast<char *>(pairs.data()), static_cast<std::streamsize>(12 * pairs.size()));
        arc(source, graph.nodeFromId(at), 1, 0);
        for (const auto &pair : pairs)
            arc(graph.nodeFromId(at), graph.nodeFromId(people + static_cast<int>(pair.line)), 1,
                -(boosts[pair.tier] + pair.score));
    }
    for (int line = 0; line < lines; ++line) arc(graph.nodeFromId(people + line), sink, seats[line], 0);
    arc(source, sink, people, 0);

    lemon::NetworkSimplex<Graph, std::int64_t, std::int64_t> simplex(graph);
    simplex.upperMap(room).costMap(cost).stSupply(source, sink, people);
    if (simplex.run() != simplex.OPTIMAL) {
        std::cout << "{\"value\": null, \"bound\": null}\n";
        return 0;
    }
    const auto value = -simplex.totalCost<std::int64_t>();
    std::cout << "{\"value\": " << value << ", \"bound\": " << value << "}\n";
}
