// LEMON's minimum-cost flow algorithms on a network that peers.py has written; prints one JSON record.
// Built by city.py with the compiler at hand and Debian's liblemon-dev.
#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <numeric>
#include <algorithm>
#include <vector>

using namespace lemon;

template <class Algorithm>
int solve(StaticDigraph &graph, const StaticDigraph::ArcMap<long long> &capacity, const StaticDigraph::ArcMap<long long> &cost, int source,
          int sink, long long units) {
    Algorithm algorithm(graph);
    algorithm.upperMap(capacity).costMap(cost).stSupply(graph.node(source), graph.node(sink), units);
    std::clock_t begin = std::clock();
    bool optimal = algorithm.run() == Algorithm::OPTIMAL;
    double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("{\"out\": %lld, \"sum_out_time\": %lld, \"processor_seconds\": %f}\n", optimal ? units : 0,
                optimal ? static_cast<long long>(algorithm.totalCost()) : 0, seconds);
    return optimal ? 0 : 1;
}

int main(int, char **argument) {
    std::ifstream file(argument[2], std::ios::binary);
    long long nodes, arcs, source, sink, units;
    file >> nodes >> arcs >> source >> sink >> units;
    file.get();
    std::vector<int> tail(arcs), head(arcs);
    std::vector<long long> capacity(arcs), cost(arcs);
    file.read(reinterpret_cast<char *>(tail.data()), arcs * 4);
    file.read(reinterpret_cast<char *>(head.data()), arcs * 4);
    file.read(reinterpret_cast<char *>(capacity.data()), arcs * 8);
    file.read(reinterpret_cast<char *>(cost.data()), arcs * 8);
    std::vector<int> order(arcs);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return tail[a] < tail[b]; });
    std::vector<std::pair<int, int>> pairs;
    for (int arc : order) pairs.emplace_back(tail[arc], head[arc]);
    StaticDigraph graph;
    graph.build(nodes, pairs.begin(), pairs.end());
    StaticDigraph::ArcMap<long long> capacities(graph), costs(graph);
    for (long long arc = 0; arc < arcs; ++arc) {
        capacities[graph.arc(arc)] = std::min(capacity[order[arc]], units);
        costs[graph.arc(arc)] = cost[order[arc]];
    }
    if (!std::strcmp(argument[1], "simplex")) return solve<NetworkSimplex<StaticDigraph, long long>>(graph, capacities, costs, source, sink, units);
    return solve<CostScaling<StaticDigraph, long long>>(graph, capacities, costs, source, sink, units);
}
