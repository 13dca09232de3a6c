// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/pictures.h"

#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

#include "models/sme/platform.h"
#include "sim/core/error.h"

namespace sme {
namespace {

void write(const std::filesystem::path& run_dir, const char* name, const std::string& content) {
  std::ofstream file(run_dir / name);
  file << content;
  if (!file.flush()) throw sim::Error(sim::Exit::input, "cannot write " + (run_dir / name).string());
}

// What one CU's crossbar did. Its place in the CU is that of its group's crossbars in the order of the parts.
struct AdcUse {
  std::uint64_t conversions = 0, cycles = 0;
  std::string layers;
};

}  // namespace

void utilisation_rows(const Chip& chip, sim::Cycle end, const std::string& before, std::ostream& out) {
  const UnitTiming& timing = chip.config().unit;
  const double cycles = static_cast<double>(std::max<sim::Cycle>(1, end));
  // Places: within a CU, parts lie side by side in the order in which they were placed.
  std::map<std::tuple<unsigned, unsigned, unsigned>, AdcUse> adcs;  // bank, CU, crossbar
  for (std::size_t r = 0; r < chip.placement().rounds.size(); ++r) {
    std::map<std::uint32_t, unsigned> filled;
    for (const Part& part : chip.placement().rounds[r].parts) {
      unsigned place = filled[part.unit];
      for (std::uint32_t left = part.mask; left != 0; left &= left - 1, ++place) {
        AdcUse& use =
            adcs[{bank_of(part.unit, chip.config()), unit_in_bank(part.unit, chip.config()), place}];
        const std::string& name = chip.maps()[part.layer]->name;
        if (use.layers.find(name) == std::string::npos) use.layers += (use.layers.empty() ? "" : " ") + name;
        const std::uint32_t bit = left & (~left + 1);
        for (const LayerWork* work : chip.works(part.layer, r)) {
          for (const BankWork& bank : work->banks) {
            if (bank.bank != bank_of(part.unit, chip.config())) continue;
            for (const TileOp& op : bank.ops) {
              const TileMap& tile = chip.maps()[part.layer]->tiles[op.tile];
              if (op.unit != unit_in_bank(part.unit, chip.config()) || tile.slot != part.slot ||
                  op.set != part.set || (op.crossbar_mask & bit) == 0) {
                continue;
              }
              use.conversions += op.products * op.input_cycles * op.columns;
              use.cycles += op.products * op.input_cycles * timing.conversion(op.columns);
            }
          }
        }
      }
      filled[part.unit] = place;
    }
  }
  for (const auto& [place, use] : adcs) {
    out << before << std::get<0>(place) << "," << std::get<1>(place) << "," << std::get<2>(place) << ","
        << use.conversions << "," << use.cycles << "," << static_cast<double>(use.cycles) / cycles << ","
        << use.layers << "\n";
  }
}

void write_pictures(const Platform& platform, const std::filesystem::path& run_dir,
                    std::vector<sim::app::Artefact>& list) {
  write(run_dir, "occupancy.svg", occupancy_picture(platform.chip.maps()));
  list.push_back({"occupancy.svg", "how full the crossbars are, by layer and plane"});
  std::ostringstream table;
  table << kUtilisationColumns << "\n";
  utilisation_rows(platform.chip, platform.source->last_cycle(), "", table);
  write(run_dir, "utilisation.csv", table.str());
  list.push_back({"utilisation.csv", "what each crossbar's ADC did, and for which layers"});
  if (platform.replay != nullptr && !platform.replay->tokens().empty()) {
    write(run_dir, "tokens.svg", token_picture(platform.replay->tokens(), platform.cost));
    list.push_back({"tokens.svg", "energy and time of each token, and how many layers ran with INT4"});
  }
}

}  // namespace sme
