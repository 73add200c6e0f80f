using MultiModal.Testing.Architecture;

namespace MultiModal.Pipeline.Tests;

public class RoomsTests
{
    [Fact]
    public void Rooms_depend_one_way() => Rooms.DependOneWay(typeof(Failure).Assembly);
}
