#pragma once
// One function per command: prints what it finds and returns the exit code.
#include <nuthatch/nuthatch.h>

namespace nuthatch::tool {

int summary(const std::string& file, const std::vector<std::string>& variables, SummaryOptions options);
int diagnose(const std::string& file);
int show(const std::string& file);
int compare(const std::vector<std::string>& files, const CompareOptions& options);
int loo(const std::string& file, const LooOptions& options);
int waic(const std::string& file, const WaicOptions& options);
int psense(const std::string& file, const SensitivityOptions& options);
int convert(const std::string& from, const std::string& to);
int extract(const std::string& file, const std::vector<std::string>& variables, const std::string& group,
            const std::string& output);
int diff(const std::string& left, const std::string& right);
/// The processors and the GPUs; `gpu`: fails where no GPU can be used.
int devices(bool gpu);
int concatenate(const std::vector<std::string>& files, const std::string& dim, const std::string& output);

}  // namespace nuthatch::tool
