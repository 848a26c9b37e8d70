#pragma once
/// A length of time. Takes a number of seconds and any std::chrono::duration, whose header costs more than a model.

namespace nuthatch {

class Seconds {
 public:
  constexpr Seconds() = default;
  constexpr Seconds(double seconds) : seconds_(seconds) {}
  template <class D>
    requires requires(const D& d) { D::period::num; d.count(); }
  constexpr Seconds(const D& duration)
      : seconds_(double(duration.count()) * double(D::period::num) / double(D::period::den)) {}

  constexpr double count() const { return seconds_; }
  constexpr Seconds& operator+=(Seconds other) { return seconds_ += other.seconds_, *this; }
  friend constexpr Seconds operator+(Seconds a, Seconds b) { return a.seconds_ + b.seconds_; }
  friend constexpr Seconds operator-(Seconds a, Seconds b) { return a.seconds_ - b.seconds_; }
  friend constexpr auto operator<=>(Seconds, Seconds) = default;

 private:
  double seconds_ = 0;
};

}  // namespace nuthatch
